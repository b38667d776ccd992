// The same server in Node, for the comparison of ../fanout.rs.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { serveClient: false });
const feed = io.of("/feed");
feed.on("connection", (socket) => {
  socket.on("go", (count, every) => {
    let n = 0;
    const clock = setInterval(() => {
      feed.emit("entry", { n, text: "x".repeat(170) });
      n += 1;
      if (n === count) clearInterval(clock);
    }, every);
  });
});
http.listen(Number(process.argv[2]), "127.0.0.1");
