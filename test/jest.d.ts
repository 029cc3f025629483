// By its path: from the root, where the compiler looks for the types of globals, these packages are out of sight, and a name
// would find the package jest itself.
// eslint-disable-next-line @typescript-eslint/triple-slash-reference
/// <reference path="./node_modules/@types/jest/index.d.ts" />
