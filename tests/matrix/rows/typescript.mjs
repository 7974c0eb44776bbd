// The declarations, by compilers of all ages, in projects of every kind (tests/types/projects.mjs).

import { compile, prepare, PROJECTS } from "../../types/projects.mjs";

const typescript = (version) => ({
  where: "TypeScript",
  how: "`strict`, `exactOptionalPropertyTypes`; node16, nodenext, bundler; with and without the DOM",
  tools: `typescript-${version}`,
  version: (tools) => tools.version("typescript"),
  // Nothing runs here: a project that does not compile is the failure.
  check: () => {},
  run: async ({ project, tools }) => {
    prepare(project.folder);
    for (const [name, [settings, files]] of Object.entries(PROJECTS)) {
      await compile(project.folder, tools.path("typescript/bin/tsc"), tools.path("@types"), name, settings, files);
    }
  },
});

/** @type {import("../lab/run.mjs").Row[]} */
export const compilers = ["5.0", "5.9", "6", "7"].map(typescript);
