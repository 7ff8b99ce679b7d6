/** Where the API viewers' own files are served from. */
export const VIEWER_PATHS = {
  explorer: "/viewers/graphiql.js",
  explorerStyle: "/viewers/graphiql.css",
  explorerStart: "/viewers/graphiql-start.js",
  editorWorker: "/viewers/graphiql-editor.worker.js",
  jsonWorker: "/viewers/graphiql-json.worker.js",
  graphqlWorker: "/viewers/graphiql-graphql.worker.js",
  reference: "/viewers/scalar.js",
} as const;

/** Starts GraphiQL from the page's options; the editor's workers come from our own files. */
export const EXPLORER_START = `self.MonacoEnvironment = {
  globalAPI: false,
  getWorkerUrl: (_module, label) =>
    ({ editorWorkerService: "${VIEWER_PATHS.editorWorker}", json: "${VIEWER_PATHS.jsonWorker}", graphql: "${VIEWER_PATHS.graphqlWorker}" })[label],
};
YogaGraphiQL.renderYogaGraphiQL(
  document.querySelector("#root"),
  JSON.parse(document.querySelector("#options").textContent),
);
`;
