/** What the webhook is sent: an event about an invoice. */
import { z } from "zod";
import { Refusal } from "../http/mod.ts";

/** As many bytes as the source's had. */
export const PAYLOAD_BYTES = 5686;

const Line = z.object({
  sku: z.string(),
  description: z.string(),
  quantity: z.int().positive(),
  /** Of one, in hundredths of the currency. */
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

/** How many of a payload's mistakes are told. */
const MOST_TOLD = 3;

/**
 * Reads a payload.
 *
 * @throws {Refusal} when it is not JSON, or not an event about an invoice
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

/** The text of an event, which it validates: nothing wrong may leave. */
export function serialize(event: InvoiceEvent): string {
  return JSON.stringify(validate(event));
}

function validate(value: unknown): InvoiceEvent {
  const { data, error } = InvoiceEvent.safeParse(value);
  if (!error) return data;
  const told = error.issues.slice(0, MOST_TOLD)
    .map(({ path, message }) => `${path.join(".") || "the body"}: ${message}`);
  const more = error.issues.length - told.length;
  if (more > 0) told.push(`${more} more`);
  throw new Refusal(400, `not an event: ${told.join("; ")}`);
}

/** A payload that is right, and exactly as long as the source's. */
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
  event.invoice.note = "Payable within 30 days. ".repeat(missing).slice(
    0,
    missing,
  );
  return JSON.stringify(event);
}
