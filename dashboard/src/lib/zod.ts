import * as z from "zod/mini";

// Zod compiles its parsers with eval where it may; the page's policy forbids that, and asking counts as a violation.
z.config({ jitless: true });

export { z };
