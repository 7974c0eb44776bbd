// @ts-check
// `iterateExecutions`: the pages of a list, one execution after the other.

/**
 * The list is newest first, so executions that start meanwhile push known ones to the next page: those are given once. Where
 * it gets shorter (by a status that is left), what was to come has moved up: it is looked for there.
 *
 * @param {any} options
 * @param {(options: any) => Promise<{ executions: any[], total: number }>} list
 * @returns {AsyncIterableIterator<any>}
 */
export async function* pages(options, list) {
  /** @type {Set<string>} */
  const given = new Set();
  const begin = options?.offset ?? 0;
  let offset = begin;
  let total = 0;
  for (;;) {
    // Options that are none are the core's to refuse.
    const page = await list(typeof options === "object" || options === undefined ? { ...options, offset } : options);
    const missing = total - page.total;
    total = page.total;
    if (missing > 0) {
      offset = Math.max(begin, offset - missing);
      continue;
    }
    for (const execution of page.executions) {
      if (given.has(execution.executionId)) continue;
      given.add(execution.executionId);
      yield execution;
    }
    offset += page.executions.length;
    if (page.executions.length === 0 || offset >= total) return;
  }
}
