// Prints the result of a test run as one line, and fails when a test failed or was skipped: CI skips nothing.
import { readFileSync } from 'node:fs'

const [file] = process.argv.slice(2)
const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, success } = JSON.parse(
  readFileSync(file, 'utf8'),
)
const skipped = numPendingTests + numTodoTests
if (skipped > 0) console.error(`${skipped} tests were skipped`)
console.log(`${numPassedTests} passed, ${numFailedTests} failed`)
process.exitCode = success && skipped === 0 && numPassedTests > 0 ? 0 : 1
