// A customer's web site: pages of another origin than the hub's.
import { createServer } from "node:http";

/** Serves `pages` (path to HTML, or to `{type, body}`) at `http://localhost:PORT`. `headers` go with every page. */
export async function site(pages, headers = {}) {
  const server = createServer((request, response) => {
    if (request.url === "/favicon.ico") return response.writeHead(204).end();
    const page = pages[new URL(request.url, "http://localhost").pathname];
    const { type = "text/html", body = page ?? "nothing here" } = page ?? {};
    response.writeHead(page === undefined ? 404 : 200, { "content-type": `${type}; charset=utf-8`, ...headers });
    response.end(body);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  return {
    url: `http://localhost:${port}`,
    pages,
    close: () => new Promise((done) => {
      server.closeAllConnections();
      server.close(done);
    }),
  };
}

/** A page with the widget's tag. */
export const carrying = (hub, key, { head = "", body = "<h1>Shop</h1><p>Things to buy.</p>", tag = "", lang = "en" } = {}) => `<!doctype html>
<html lang="${lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Shop</title>${head}</head>
<body>${body}<script src="${hub}/widget.js" data-key="${key}" ${tag} async></script></body></html>`;
