export { AgentConnection, connectAgents, type AgentOptions } from "./agents";
export { Connection, type ConnectionOptions, type SocketLike, type State } from "./connection";
export { CustomerConnection, connectCustomers, type CustomerOptions } from "./customers";
export { CommandError, type CommandErrorCode } from "./errors";
export type * from "./events";
export { LeanSocket } from "./lean";
export { keyedStore, Outbox, uuid, type Outgoing, type OutboxStore } from "./outbox";
export { Positions } from "./positions";
