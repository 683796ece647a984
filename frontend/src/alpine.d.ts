declare module "@alpinejs/csp" {
  const Alpine: {
    start(): void;
    data(name: string, make: (...args: unknown[]) => object): void;
    store(name: string, value?: unknown): unknown;
  };
  export default Alpine;
}
