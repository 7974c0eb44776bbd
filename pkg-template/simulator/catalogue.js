// @ts-check
// The apps that a simulator serves unless it is given others: what the documentation shows, odd names and all, and apps
// that fail on purpose.

/** @typedef {import("./index.js").SimulatedApp} SimulatedApp */

/** From the documentation's `get-app` page. `Style` may be left out under `/api`, but not on v1: it has no default. */
const cartoonify = /** @type {SimulatedApp} */ ({
  appId: "3f68debe-df0a-4fc9-bdd3-9d45a4160587",
  name: "Cartoonify!",
  description: "Just upload your photo and convert it into an Cartoon of your favorite style!",
  parameters: [
    {
      id: "4a45d4c6-808e-45e8-9f7c-6a06953583fb",
      name: "Upload",
      type: "url",
      required: false,
      accept: ["image"],
      default: "https://media.getmason.io/api/assetlib/55e99714-d15d-43fe-9e9b-ead418b7ba67.png",
    },
    {
      id: "1977e11b-d91b-4f65-802c-b37b597fa8d9",
      name: "Style",
      type: "options",
      required: false,
      options: ["Ghibli", "Simpsons", "Disney / Pixar", "Cyberpunk"],
    },
    {
      id: "5c237908-e6ed-4d4b-bd1d-6253bf60a8a5",
      name: "Aspect Ratio",
      type: "options",
      required: false,
      options: ["1:1", "4:3", "3:4", "16:9", "9:16"],
      default: "1:1",
    },
  ],
  outputs: [{ label: "Cartoon", type: "image" }],
});

/** From the quick start: parameters without ids, a name with two spaces, labels that end in one, two outputs alike. */
const fullSet = /** @type {SimulatedApp} */ ({
  appId: "173692dd-0258-41bd-8a56-2cf9bbe89910",
  name: "Full Set Catalog Generation",
  description:
    "Just upload front and back image of your garment and see the full catalog come to life with Images and videos",
  parameters: [
    {
      name: "Front",
      type: "url",
      required: false,
      accept: ["image"],
      default: "https://media.getmason.io/api/assetlib/1b2854fd-e126-4096-9bb0-050583d36ed5.jpg",
    },
    {
      name: "Back",
      type: "url",
      required: false,
      accept: ["image"],
      default: "https://media.getmason.io/api/assetlib/d81ce1a8-4a36-4fcd-b506-3a852670104f.jpg",
    },
    { name: "Model Gender", type: "options", required: false, options: ["Male", "Female"] },
    {
      name: "Model  Ethnicity",
      type: "options",
      required: false,
      options: ["Caucasian", "Asian", "African", "Latin American", "South Asian", "Middle Eastern"],
    },
    { name: "Model Body type", type: "options", required: false, options: ["Standard ", "Plus Size", "Muscular"] },
    {
      name: "Model Hair color",
      type: "options",
      required: false,
      options: ["Blonde", "Black", "Brunette", "Red hair", "Ginger", "White"],
    },
    { name: "Model Hair Style", type: "options", required: false, options: ["Straight ", "Curly"] },
  ],
  outputs: [
    { label: "AI Designer", type: "image" },
    { label: "AI Designer", type: "image" },
    { label: "Generated Video", type: "video" },
    { label: "Description", type: "text" },
  ],
});

/** From the inputs page: one parameter that is required, and text. */
const exampleCatalog = /** @type {SimulatedApp} */ ({
  appId: "483754bf-24c9-48c1-a70e-71d2ff9682fa",
  name: "Example Catalog App",
  description: "Generate catalog images from product inputs",
  isPublic: false,
  parameters: [
    { id: "front-image", name: "Front", type: "url", required: true, accept: ["image"] },
    {
      id: "location",
      name: "Location",
      type: "options",
      required: false,
      options: ["Studio", "Urban", "Park"],
      default: "Studio",
    },
    { id: "prompt", name: "Prompt", type: "text", required: false, default: "" },
  ],
  outputs: [
    { label: "hero", type: "image" },
    { label: "lifestyle", type: "image" },
  ],
});

/** From the workflow page, with its ids. */
const testSync = /** @type {SimulatedApp} */ ({
  appId: "80d4d454-8844-489f-b903-2ad65a414482",
  name: "test sync",
  description: null,
  isPublic: false,
  outputs: [
    { id: "aiDesignerNode-1773051929782-5yzqjkwpm", label: "AI Designer", type: "image" },
    { id: "aiDesignerNode-1773132653203-v9hn959pe", label: "AI Designer", type: "image" },
    { id: "klingVideoNode-1773149496212-nm2mjjfxi", label: "Generated Video", type: "video" },
  ],
  edges: [{ source: "aiDesignerNode-1773051929782-5yzqjkwpm", target: "aiDesignerNode-1773132653203-v9hn959pe" }],
});

const productStory = /** @type {SimulatedApp} */ ({
  appId: "6b0f7a52-3f0c-4d0e-9c1a-0d7b1f6f2c11",
  name: "Product Story",
  description: "Words, a voice and a picture for a product, from a sentence and any number of photos",
  parameters: [
    { name: "Brief", type: "text", required: true },
    { name: "Photos", type: "url", required: false, accept: ["image", "video"], multiple: true, default: [] },
    { name: "Tone", type: "options", required: false, options: ["Warm", "Plain", "Bold"], default: "Plain" },
  ],
  outputs: [
    { label: "Story", type: "text" },
    { label: "Voice-over", type: "audio" },
    { label: "Cover", type: "image" },
  ],
});

/** Words alone, from words that must be given. */
const descriptionWriter = /** @type {SimulatedApp} */ ({
  appId: "9a4e2c18-7b65-4d3f-8e21-5c0f6d9b7a34",
  name: "Product Description Writer",
  description: "Writes a product description from what you tell about the product",
  parameters: [
    { id: "product", name: "Product", type: "text", required: true },
    { id: "tone", name: "Tone", type: "options", required: false, options: ["Friendly", "Formal", "Playful"], default: "Friendly" },
  ],
  outputs: [{ label: "Description", type: "text" }],
});

const alwaysFails = /** @type {SimulatedApp} */ ({
  appId: "e5a1c0de-0000-4000-8000-000000000001",
  name: "Always Fails",
  description: "Ends as failed, with an errorMessage",
  isPublic: false,
  outputs: [{ label: "Image", type: "image" }],
  errorMessage: "Image generation timed out",
});

const oneOutputFails = /** @type {SimulatedApp} */ ({
  appId: "e5a1c0de-0000-4000-8000-000000000002",
  name: "One Output Fails",
  description: "Ends as failed without an errorMessage: one output has an error, the other is there",
  isPublic: false,
  outputs: [
    { label: "Good", type: "image" },
    { label: "Bad", type: "image", error: "Content policy: the prompt was refused" },
  ],
});

/** @type {readonly SimulatedApp[]} */
export const CATALOGUE = [
  ...[cartoonify, fullSet, exampleCatalog, testSync, productStory, descriptionWriter],
  ...[alwaysFails, oneOutputFails],
];
