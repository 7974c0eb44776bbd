// @ts-check
// `iterateExecutions`: the pages of a list, one execution after the other.

/**
 * The list is newest first, so executions that start meanwhile push known ones to the next page: those are given once.
 *
 * @param {any} options
 * @param {(options: any) => Promise<{ executions: any[], total: number }>} list
 * @returns {AsyncIterableIterator<any>}
 */
export async function* pages(options, list) {
  /** @type {Set<string>} */
  const given = new Set();
  let offset = options?.offset ?? 0;
  for (;;) {
    // Options that are none are the core's to refuse.
    const page = await list(typeof options === "object" || options === undefined ? { ...options, offset } : options);
    for (const execution of page.executions) {
      if (given.has(execution.executionId)) continue;
      given.add(execution.executionId);
      yield execution;
    }
    offset += page.executions.length;
    if (page.executions.length === 0 || offset >= page.total) return;
  }
}
