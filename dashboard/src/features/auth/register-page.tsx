import { useSearch } from "@tanstack/react-router";
import { TextLink } from "@/ui/link-button";
import { Frame } from "./frame";
import { SignUpForm } from "./sign-up-form";
import { useEnter } from "./use-enter";

export function RegisterPage() {
  const { next } = useSearch({ from: "/register" });
  const enter = useEnter(next);
  return (
    <Frame
      title="Create your account"
      description="Your first monitor is live in under a minute."
      foot={
        <>
          Have an account?{" "}
          <TextLink to="/login" search={{ next }}>
            Sign in
          </TextLink>
        </>
      }
    >
      <SignUpForm done={enter} />
    </Frame>
  );
}
