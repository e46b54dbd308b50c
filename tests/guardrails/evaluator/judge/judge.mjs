// Simulations in, one JSON line each; the result of iam-simulate out, or how long all of them took.
import { createInterface } from 'node:readline'
import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate'

const repeat = Number(process.argv[2] ?? 0)
const simulations = []
for await (const line of createInterface({ input: process.stdin })) {
  if (repeat) {
    simulations.push(JSON.parse(line))
  } else {
    console.log(JSON.stringify(judge(JSON.parse(line))))
  }
}
if (repeat) {
  const before = process.cpuUsage()
  for (let n = 0; n < repeat; n++) runUnsafeSimulation(simulations[n % simulations.length], {})
  const used = process.cpuUsage(before)
  console.log(JSON.stringify({ seconds: (used.user + used.system) / 1e6 }))
}

function judge(simulation) {
  try {
    return { result: runUnsafeSimulation(simulation, {}) }
  } catch (error) {
    return { error: String(error) }
  }
}
