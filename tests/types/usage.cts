// Compiled, never run: the same package by `require`.

import lamina = require("lamina-wasm");
import slim = require("lamina-wasm/slim");
import simulator = require("lamina-wasm/simulator");

export const apps: Promise<lamina.AppSummary[]> = new lamina.Lamina({ fetch: simulator.createSimulator().fetch }).listApps();
export const loaded: Promise<void> = slim.init("https://cdn.example/lamina_bg.wasm");
