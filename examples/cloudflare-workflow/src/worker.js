// The orders over HTTP. A workflow's instance has the order's id, so that an order that is sent in twice is one instance.
//
//   PUT /orders/<id>   { "appId": "…", "inputs": { … } }, or { "executionId": "…" } for one that is known to have been started
//   GET /orders/<id>   { "status": "running" | "complete" | "errored" | …, "output": the execution, "error": … }

export { OrderWorkflow } from "./workflow.js";

export default {
  async fetch(request, env) {
    // Whoever may send orders in spends your credits.
    const known = env.ORDERS_TOKEN && request.headers.get("authorization") === `Bearer ${env.ORDERS_TOKEN}`;
    if (!known) return new Response("Unauthorized", { status: 401 });
    const [, id] = /^\/orders\/(\w[\w-]{0,99})$/.exec(new URL(request.url).pathname) ?? [];
    if (!id) return new Response("Not found", { status: 404 });

    const find = () => env.ORDERS.get(id).catch(() => undefined);
    let order = await find();
    if (!order && request.method === "PUT") {
      const params = await request.json();
      // Of two requests at the same moment, one is refused: the instance is there.
      order = await env.ORDERS.create({ id, params }).catch(find);
    }
    if (!order) return new Response("Not found", { status: 404 });
    const { status, output, error } = await order.status();
    return Response.json({ id, status, output, error });
  },
};
