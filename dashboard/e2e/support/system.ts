/** The running system, as the environment names it. */

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the stories with \`cargo xtask test ui\``);
  return value;
}

export const system = {
  get url(): string {
    return required("UPGUARD_URL");
  },
  /** The demo sign-in. */
  get demo(): { email: string; password: string } {
    return { email: required("UPGUARD_EMAIL"), password: required("UPGUARD_PASSWORD") };
  },
  /** Where its PostgreSQL is; null where that is not told. */
  get postgres(): string | null {
    const line = process.env.UPGUARD_SYSTEM;
    return line ? ((JSON.parse(line) as { postgres?: string }).postgres ?? null) : null;
  },
};
