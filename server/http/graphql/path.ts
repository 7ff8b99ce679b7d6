/** Where GraphQL is answered. It stands by itself, so that the edge knows it without loading the rest. */
export const GRAPHQL_PATH = "/graphql";
