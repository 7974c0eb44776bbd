// @ts-check
// Who asks: the API key in either of its two headers, and the workspace that it must belong to.

import { Refusal } from "./errors.js";

/**
 * @param {Record<string, string>} headers
 * @param {{ apiKey: string, workspaceId: string }} expected
 */
export function authenticate(headers, { apiKey, workspaceId }) {
  const given = headers["x-api-key"] ?? headers.authorization;
  if (!given) throw new Refusal(401, "Missing API key", { code: "AUTH_MISSING_KEY" });
  const key = headers["x-api-key"] ?? /^bearer +(.+)$/i.exec(given)?.[1];
  if (key !== apiKey) throw new Refusal(401, "Invalid API key", { code: "AUTH_INVALID_KEY" });
  const workspace = headers["x-workspace-id"];
  if (workspace !== undefined && workspace !== workspaceId) {
    throw new Refusal(403, "Workspace header does not match API key workspace scope");
  }
}
