// tsx tools/install.ts FOLDER ...
import { installPackages } from './install-packages.js'

for (const folder of process.argv.slice(2)) installPackages(folder)
