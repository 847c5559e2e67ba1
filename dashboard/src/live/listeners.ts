/** Who wants to hear, of everything or of one key. */
export function added<T>(set: Set<T>, one: T): () => void {
  set.add(one);
  return () => set.delete(one);
}

export function listenersByKey<Said>() {
  const all = new Map<string, Set<(said: Said) => void>>();
  return {
    keys: () => [...all.keys()],
    add(key: string, listener: (said: Said) => void): () => void {
      const set = all.get(key) ?? new Set();
      all.set(key, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0 && all.get(key) === set) all.delete(key);
      };
    },
    tell(key: string, said: Said): void {
      for (const listener of all.get(key) ?? []) listener(said);
    },
  };
}
