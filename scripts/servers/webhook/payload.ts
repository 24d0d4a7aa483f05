/** The webhook's payload: an event about an invoice. */
import { z } from "zod";
import { Refusal } from "../http/mod.ts";

/** The size of the payload in the original article. */
export const PAYLOAD_BYTES = 5686;

const Line = z.object({
  sku: z.string(),
  description: z.string(),
  quantity: z.int().positive(),
  /** Unit price, in hundredths of the currency. */
  price: z.int().nonnegative(),
});

const InvoiceEvent = z.object({
  type: z.literal("invoice.pending"),
  created: z.iso.datetime(),
  invoice: z.object({
    number: z.string(),
    customer: z.object({ name: z.string(), email: z.email() }),
    currency: z.string().length(3),
    lines: z.array(Line).nonempty(),
    note: z.string(),
  }),
});

export type InvoiceEvent = z.infer<typeof InvoiceEvent>;

/** How many mistakes an answer lists. */
const MOST_LISTED = 3;

/**
 * Reads a payload.
 *
 * @throws {Refusal} if it isn't JSON, or isn't an invoice event
 */
export function parse(text: string): InvoiceEvent {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Refusal(400, `the body is not JSON: ${(error as Error).message}`);
  }
  return validate(value);
}

/** Validates an event again, and returns its JSON. */
export function serialize(event: InvoiceEvent): string {
  return JSON.stringify(validate(event));
}

function validate(value: unknown): InvoiceEvent {
  const { data, error } = InvoiceEvent.safeParse(value);
  if (!error) return data;
  const mistakes = error.issues.slice(0, MOST_LISTED)
    .map(({ path, message }) => `${path.join(".") || "the body"}: ${message}`);
  const more = error.issues.length - mistakes.length;
  if (more > 0) mistakes.push(`${more} more`);
  throw new Refusal(400, `not an event: ${mistakes.join("; ")}`);
}

/** A valid payload of exactly {@link PAYLOAD_BYTES}. */
export function examplePayload(): string {
  const lines = Array.from({ length: 40 }, (_, index) => ({
    sku: `SKU-${1000 + index}`,
    description: `Parcels to zone ${index + 1}, tracked and insured`,
    quantity: 1 + index % 7,
    price: 495 + 5 * index,
  }));
  const event: InvoiceEvent = {
    type: "invoice.pending",
    created: "2025-04-22T12:56:00Z",
    invoice: {
      number: "INV-2025-0042",
      customer: { name: "Lin & Daughters", email: "post@lin.example" },
      currency: "USD",
      lines: lines as InvoiceEvent["invoice"]["lines"],
      note: "",
    },
  };
  const missing = PAYLOAD_BYTES - JSON.stringify(event).length;
  event.invoice.note = "".padEnd(missing, "Payable within 30 days. ");
  return JSON.stringify(event);
}
