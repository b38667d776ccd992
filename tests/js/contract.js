// The AsyncAPI document as a judge of what was said.
import Ajv from "ajv/dist/2020.js";
import formats from "ajv-formats";

/** What of `said` is not as `document` has it, in words. */
export function breaches(document, said) {
  const ajv = new Ajv({ strict: false, allErrors: true });
  formats(ajv);
  ajv.addSchema(document, "contract");
  const judges = new Map();
  const judge = (message, part) => {
    const key = `${message}/${part}`;
    if (!judges.has(key)) {
      const place = `contract#/components/messages/${message}/${part}`;
      const known = document.components.messages[message]?.[part];
      // nothing is said that the document leaves out
      judges.set(key, known && ajv.compile({ $ref: place, unevaluatedProperties: false }));
    }
    return judges.get(key);
  };
  const broken = [];
  for (const { namespace, name, payload, meta, answer } of said) {
    const key = `${namespace.slice(1)}.${answer ? "" : "on."}${name.replaceAll(":", ".")}${answer ? ".ack" : ""}`;
    const parts = answer ? [["payload", answer]] : [["payload", payload], ...(meta?.log ? [["headers", meta]] : [])];
    for (const [part, value] of parts) {
      const fits = judge(key, part);
      if (!fits) {
        broken.push(`${namespace} ${name}: the document has no ${part} of ${key}`);
      } else if (!fits(value)) {
        broken.push(`${namespace} ${name}: ${ajv.errorsText(fits.errors)} in ${JSON.stringify(value)}`);
      }
    }
  }
  return [...new Set(broken)];
}
