// Validates a JSON list of objects of the Prometheus operator, read from standard input: types,
// formats and required fields. The models accept unknown fields.
import { readFileSync } from "node:fs"
import * as models from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1"

for (const object of JSON.parse(readFileSync(0, "utf8"))) {
  const Model = models[object.kind]
  if (!Model) throw new Error(`the Prometheus operator has no ${object.kind}`)
  new Model(object).validate()
}
