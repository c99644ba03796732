/** What a layer does to its output, element by element. */
export type Activation = "linear" | "relu" | "relu6";
