// The same server in Node, for comparisons: rooms by `account_id`, events on order, an answer to a command.
import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { serveClient: false });
const agents = io.of("/agents");
agents.on("connection", (socket) => {
  socket.join(socket.handshake.auth.account_id);
  socket.on("go", ({ count, every_ms, rooms, payload, meta }) => {
    let n = 0;
    const clock = setInterval(() => {
      // as long as the hub's times, which have microseconds
      meta.at = new Date().toISOString().replace("Z", "000Z");
      for (const room of rooms) agents.to(room).emit("channel:status", payload, meta, "1000");
      n += 1;
      if (n === count) clearInterval(clock);
    }, every_ms);
  });
  socket.on("conversation:leave", (_, answer) => answer({ ok: true, data: null }));
});
http.listen(Number(process.argv[2]), "127.0.0.1");
