/** The shortest password the server takes, in characters. */
const LEAST = 12;

/** Told before somebody chooses one. */
export const PASSWORD_RULE = `At least ${LEAST} characters. Several unrelated words are best; well-known passwords and your e-mail address are refused.`;

/** What is plain to see before the server is asked. */
export function shortPassword(password: string): string | undefined {
  if (password === "") return "Choose a password.";
  const length = [...password].length;
  return length < LEAST ? `The password must have at least ${LEAST} characters; this one has ${length}.` : undefined;
}
