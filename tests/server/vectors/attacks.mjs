// What a page of another origin can try. Each runs in the page, and gives what it could read; `arrives`: how many requests
// reach the proxy at least; `bare`: to the browser it is of no site at all, and without the visitor's cookie.


export const attacks = {
  "a fetch with the visitor's cookie": {
    run: ({ list }) => fetch(list, { credentials: "include" }).then((response) => response.text()).catch(() => undefined),
    arrives: 1,
  },
  "a fetch that does not want to read": {
    run: ({ list }) => fetch(list, { credentials: "include", mode: "no-cors" }).then((response) => response.text()).catch(() => undefined),
    arrives: 1,
  },
  "a start as the client sends it": {
    run: ({ start }) =>
      fetch(start, { method: "POST", credentials: "include", headers: { "content-type": "application/json" }, body: '{"inputs":{}}' })
        .then((response) => response.text())
        .catch(() => undefined),
    arrives: 1,
  },
  "a start as plain text, which needs no preflight": {
    run: ({ start }) =>
      fetch(start, { method: "POST", credentials: "include", mode: "no-cors", headers: { "content-type": "text/plain" }, body: '{"inputs":{}}' })
        .then((response) => response.text())
        .catch(() => undefined),
    arrives: 1,
  },
  "a start without a referrer, from an origin that is null": {
    run: ({ start }) => fetch(start, { method: "POST", credentials: "include", mode: "no-cors", referrerPolicy: "no-referrer", body: '{"inputs":{}}' }).then((response) => response.text()).catch(() => undefined),
    arrives: 1,
  },
  "a start round another server, by a redirect": {
    run: ({ bounce }) => fetch(bounce, { method: "POST", credentials: "include", mode: "no-cors", body: '{"inputs":{}}' }).then((response) => response.text()).catch(() => undefined),
    arrives: 1,
  },
  "a start by a beacon": {
    run: ({ start }) => {
      navigator.sendBeacon(start, new Blob(['{"inputs":{}}'], { type: "text/plain" }));
      try {
        navigator.sendBeacon(start, new Blob(['{"inputs":{}}'], { type: "application/json" }));
      } catch {
        // The browser may forbid the type.
      }
    },
    arrives: 1,
  },
  "a start when the page is left, by keepalive": {
    run: ({ start }) => void fetch(start, { method: "POST", credentials: "include", mode: "no-cors", keepalive: true, body: '{"inputs":{}}' }).catch(() => {}),
    arrives: 1,
  },
  "a start by XMLHttpRequest": {
    run: ({ start }) =>
      new Promise((resolve) => {
        const request = new XMLHttpRequest();
        request.open("POST", start);
        request.withCredentials = true;
        request.onload = () => resolve(request.responseText);
        request.onerror = () => resolve(undefined);
        request.send('{"inputs":{}}');
      }),
    arrives: 1,
  },
  ...Object.fromEntries(
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"].map((type) => [
      `a start by a form of ${type}`,
      {
        run: new Function(
          "target",
          `return new Promise((resolve) => {
            const frame = Object.assign(document.createElement("iframe"), { name: "f" + Math.random() });
            const form = Object.assign(document.createElement("form"), { method: "POST", action: target.start, enctype: "${type}", target: frame.name });
            form.append(Object.assign(document.createElement("input"), { name: '{"inputs":{},"x":"', value: '"}' }));
            document.body.append(frame, form);
            frame.onload = () => { if (form.sent) { let text; try { text = frame.contentDocument.body.innerText; } catch {} frame.remove(); form.remove(); resolve(text); } };
            form.sent = true;
            form.submit();
            setTimeout(resolve, 1000);
          })`,
        ),
        arrives: 1,
      },
    ]),
  ),
  "a start out of a sandboxed frame, whose origin is null": {
    run: ({ start }) =>
      new Promise((resolve) => {
        const frame = document.createElement("iframe");
        frame.sandbox = "allow-scripts allow-forms";
        frame.srcdoc = `<script>fetch(${JSON.stringify(start)}, { method: "POST", credentials: "include", mode: "no-cors", body: '{"inputs":{}}' }).then((r) => r.text()).then((t) => parent.postMessage(t, "*"), () => parent.postMessage("", "*"))</script>`;
        addEventListener("message", ({ data }) => (frame.remove(), resolve(data)), { once: true });
        document.body.append(frame);
      }),
    arrives: 1,
    bare: true,
  },
  "a list as an image, a script, a style and a frame": {
    run: ({ list }) =>
      Promise.all(
        [["img", "src"], ["script", "src"], ["link", "href"], ["iframe", "src"]].map(
          ([name, attribute]) =>
            new Promise((resolve) => {
              const element = document.createElement(name);
              if (name === "link") element.rel = "stylesheet";
              element[attribute] = `${list}?search=${name}`;
              element.onload = element.onerror = () => {
                let text = "";
                try {
                  text = element.contentDocument?.body.innerText ?? "";
                } catch {
                  // Another origin's.
                }
                element.remove();
                resolve(text);
              };
              document.body.append(element);
            }),
        ),
      ).then((texts) => texts.join("")),
    arrives: 4,
  },
  "a stream of events": {
    run: ({ list }) =>
      new Promise((resolve) => {
        const events = new EventSource(list, { withCredentials: true });
        events.onmessage = ({ data }) => resolve(data);
        events.onerror = () => (events.close(), resolve(undefined));
      }),
    arrives: 1,
  },
  "a method that is forged by headers": {
    run: ({ list }) => fetch(list, { credentials: "include", headers: { "x-http-method-override": "POST", "x-requested-with": "XMLHttpRequest" } }).then((response) => response.text()).catch(() => undefined),
    arrives: 1,
  },
  "an origin that is forged by headers": {
    run: ({ list }) =>
      fetch(list, { credentials: "include", mode: "no-cors", headers: { origin: new URL(list).origin, "sec-fetch-site": "same-origin", host: new URL(list).host } })
        .then((response) => response.text())
        .catch(() => undefined),
    arrives: 1,
  },
};
