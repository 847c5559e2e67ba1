import { useState } from "react";
import { fieldErrors, sentence } from "@/lib/errors";

type Wrongs = Record<string, string>;

/** Saves a form that has nothing wrong before it is sent, and sorts a refusal by field; "" is the whole. */
export function useSave(byField: (errors: Wrongs) => Wrongs) {
  const [errors, setErrors] = useState<Wrongs>({});
  const save = async (wrong: Wrongs, send: () => Promise<void>) => {
    setErrors(wrong);
    if (Object.keys(wrong).length > 0) return;
    try {
      await send();
    } catch (why) {
      const found = byField(fieldErrors(why));
      setErrors(Object.keys(found).length > 0 ? found : { "": sentence(why) });
    }
  };
  return { errors, save };
}
