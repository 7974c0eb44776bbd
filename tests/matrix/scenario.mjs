// What a user does, as a user writes it: one import, nothing initialised. Every row of the matrix runs this very file (where
// there is no `import`, its first line is turned into a `require`), so it holds nothing of any host.

import { configure, execute, getApp, isLaminaError, LaminaError, listApps, verifyWebhook, waitForExecution } from "lamina-wasm";

/** A delivery that the first key of RFC 8032 has signed. */
const KEY = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", kid: "test" };
const SIGNED_AT = 1774268655;
const BODY = '{"data":{"executionId":"e-1","status":"completed","outputs":[]}}';
const HEADERS = {
  "x-lamina-webhook-timestamp": String(SIGNED_AT),
  "x-lamina-webhook-signature":
    "43db4f41b468358665d240315686ef956c8bf03b02f0548291477b8d24b5e98337c487a7cbd718ec0dfce9ac18ba5f6f2522f1c67015b4173efbec3daaa67505",
};

/**
 * @param {object} options of the client: where the service is, and what this host needs besides
 * @returns {Promise<object>} plain JSON, equal to `EXPECTED` (lab/expected.mjs)
 */
export async function scenario(options) {
  configure(options);
  // Two first calls at once: the module is compiled for both.
  const [apps] = await Promise.all([listApps(), listApps({ limit: 1 })]);
  const app = await getApp(apps.find(({ name }) => name === "Full Set Catalog Generation").appId);
  const inputs = { "Model  Ethnicity": "Asian", "Model Body type": "Standard " };

  const refused = await execute(app.appId, { "Model Body type": "Standard" }, { validate: app }).catch((error) => error);
  const missing = await getApp("no-such-app").catch((error) => error);
  const controller = new AbortController();
  const aborted = getApp(app.appId, { signal: controller.signal }).catch((reason) => reason);
  controller.abort("enough");

  const started = await execute(app.appId, inputs, { validate: app });
  const seen = [];
  const done = await waitForExecution(started, { pollIntervalMs: 20, onUpdate: ({ status }) => void seen.push(status) });

  const verify = (body) =>
    verifyWebhook({ body, headers: HEADERS }, { keys: KEY, now: SIGNED_AT * 1000 }).then(
      ({ execution, keyId }) => [execution.executionId, keyId],
      ({ code }) => code,
    );

  return {
    parameters: app.parameters.map(({ name }) => name),
    refused: [refused instanceof LaminaError, refused instanceof Error, isLaminaError(refused), refused.code, refused.details[0].suggestion],
    missing: [missing.name, missing.code, missing.status, typeof missing.stack],
    aborted: await aborted,
    started: started.status,
    seen: seen.at(-1),
    same: done.executionId === started.executionId,
    signed: await verify(BODY),
    forged: await verify(BODY.replace("e-1", "e-2")),
    outputs: done.outputs.map(({ type, status, value }) => [type, status, typeof value]),
  };
}
