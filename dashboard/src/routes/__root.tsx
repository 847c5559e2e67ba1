import { createRootRoute, Outlet } from "@tanstack/react-router";
import { Title } from "@/app/title";

export const Route = createRootRoute({
  component: () => (
    <>
      <Title />
      <Outlet />
    </>
  ),
});
