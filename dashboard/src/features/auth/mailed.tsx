/** A sign-up goes on in a mail; nobody is told whether the address has an account. */
export function Mailed({ email }: { email: string }) {
  return (
    <div role="status" className="flex flex-col gap-3">
      <p>
        We have sent a mail to <strong className="break-all">{email}</strong>. Open the link in it to go on.
      </p>
      <p className="text-muted">Nothing there after a few minutes? Look among the spam, or sign up again.</p>
    </div>
  );
}
