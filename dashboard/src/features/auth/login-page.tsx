import { useSearch } from "@tanstack/react-router";
import { TextLink } from "@/ui/link-button";
import { Frame } from "./frame";
import { SignInForm } from "./sign-in-form";
import { useEnter } from "./use-enter";

export function LoginPage() {
  const { next } = useSearch({ from: "/login" });
  const enter = useEnter(next);
  return (
    <Frame
      title="Sign in"
      description="See what is up and what is not."
      foot={
        <>
          No account yet?{" "}
          <TextLink to="/register" search={{ next }}>
            Create one
          </TextLink>
        </>
      }
    >
      <SignInForm done={enter} />
    </Frame>
  );
}
