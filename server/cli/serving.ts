export async function serve(o: unknown) {
  const { Elysia } = await import("elysia");
  const y = await import("graphql-yoga");
  console.log(o, Elysia.name, Object.keys(y).length);
}
