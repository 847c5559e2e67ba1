import { readFileSync } from "node:fs";

const packages = {
  "monitoring.coreos.com": "@kubernetes-models/prometheus-operator",
  "keda.sh": "@kubernetes-models/keda",
};

async function fault(object) {
  const [group, version] = object.apiVersion.split("/");
  if (!packages[group]) return `nobody here knows ${group}`;
  const kinds = await import(`${packages[group]}/${group}/${version}`);
  if (!kinds[object.kind]) return `${group}/${version} has no ${object.kind}`;
  try {
    new kinds[object.kind](object).validate();
    return null;
  } catch (error) {
    return error.message;
  }
}

const objects = JSON.parse(readFileSync(process.argv[2], "utf8"));
console.log(JSON.stringify(await Promise.all(objects.map(fault))));
