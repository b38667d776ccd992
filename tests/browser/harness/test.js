// Specs register here, so that the suite can put them between the start and the end of what they share: hooks of
// the runner's root would wait for the hub, which waits for them.

/** What was registered, in order. */
export const specs = [];

/** Like `test` of `node:test`: `test(name, options?, body)`. */
export const test = (...registered) => void specs.push(registered);
