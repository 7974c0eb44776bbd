// All hosts of these tests, which are put into one file with what they import: the server that the tests are loaded from can hang
// when a page asks it for five files at once.

export * from "./live-host.js";
export * from "./scripted-host.js";
