//! Values that cannot be, and what is said of them: by the schema, or by the templates where a schema cannot know. A message
//! names the value to mend.

use anyhow::{Result, bail, ensure};

use super::helm::{chart_dir, helm, output};
use super::tools::Tools;

/// Values, and texts the complaint has to hold, in any letter case; where the helms have different words for it, either of two.
type Refusal = (&'static [&'static str], &'static [&'static str]);

const SECRETS: [&str; 3] = ["existingSecret=s", "postgres.existingSecret=p", "redis.existingSecret=r"];

/// Each with [`SECRETS`] set before, so that nothing else is wrong.
const CONTROL: &[Refusal] = &[
    (&["postgres.existingSecret="], &["postgres.url is empty", "postgres.existingSecret", "quickstart.enabled"]),
    (&["redis.existingSecret="], &["redis.url is empty", "redis.existingSecret"]),
    (&["existingSecret="], &["secrets.authSecret is empty", "openssl rand", "existingSecret", "auth-secret"]),
    (
        &["existingSecret=", "secrets.authSecret=0123456789abcdef0123456789abcdef"],
        &["secrets.secretsKey is empty", "secrets-key"],
    ),
    (&["existingSecret=", "secrets.authSecret=short"], &["secrets.authSecret is shorter than 32 bytes"]),
    (&["secrets.smtpPassword=x"], &["secrets.smtpPassword", "existingSecret", "exclude each other"]),
    (&["postgres.url=postgres://h/d"], &["one of postgres.url and postgres.existingSecret"]),
    (&["postgres.existingSecret=", "postgres.url=mysql://h/d"], &["postgres", "url", "does not match pattern"]),
    (&["redis.existingSecret=", "redis.url=http://h"], &["redis", "url", "does not match pattern"]),
    (&["quickstart.enabled=true"], &["quickstart.enabled", "postgres.existingSecret empty"]),
    (
        &[
            "existingSecret=",
            "postgres.existingSecret=",
            "redis.existingSecret=",
            "quickstart.enabled=true",
            "redis.privateCa=true",
        ],
        &["redis.privateCa needs authorities|without TLS"],
    ),
    (&["ingress.enabled=true"], &["ingress.host is empty"]),
    (
        &["ca.existingConfigMap=a", "ca.existingSecret=b"],
        &["one of ca.pem, ca.existingConfigMap and ca.existingSecret"],
    ),
    (&["redis.privateCa=true"], &["redis.privateCa", "ca.existingConfigMap"]),
    (&["ca.pem=no certificate"], &["ca", "pem", "does not match pattern"]),
    (&["replicas=0"], &["replicas", "minimum|greater than"]),
    (&["replicas=two"], &["replicas", "integer"]),
    (&["replica=2"], &["additional propert", "replica"]),
    (&["config.alerting.coverage=2"], &["coverage", "maximum|less than"]),
    (&["config.auth.signup=anybody"], &["signup", "open", "invite"]),
    (&["config.auth.access_ttl=15x"], &["access_ttl", "pattern"]),
    (&["config.auth.secret=x"], &["config", "auth", "additional propert", "secret"]),
    (&["config.egress.allow={10.0.0.0}"], &["egress", "allow", "pattern"]),
    (&["image.pullPolicy=Sometimes"], &["pullPolicy", "IfNotPresent"]),
    (&["image.digest=latest"], &["digest", "pattern"]),
    (&["quickstart.regions={control}"], &["quickstart", "regions"]),
    (&["autoscaling.enabled=true", "autoscaling.maxReplicas=1"], &["autoscaling.maxReplicas is less"]),
    (&["networkPolicy.redis.ports={}"], &["networkPolicy", "redis", "ports"]),
    (&["publicUrl=upguard.example.org"], &["publicUrl", "pattern"]),
    (&["resources.limits.memory=lots"], &["resources", "limits", "memory", "pattern"]),
];

const REGION: [&str; 2] = ["region=eu-west", "redis.existingSecret=s"];

/// Each with [`REGION`] set before.
const PROBE: &[Refusal] = &[
    (&["region="], &["region is empty", "eu-west"]),
    (&["region=EU West"], &["region", "does not match pattern"]),
    (&["region=control"], &["region"]),
    (&["redis.existingSecret="], &["redis.existingSecret is empty", "key url", "redis.url"]),
    (&["redis.url=redis://h"], &["one of redis.url and redis.existingSecret"]),
    (&["redis.existingSecret=", "redis.url=h:6379"], &["redis", "url", "does not match pattern"]),
    (&["autoscaling.enabled=true", "keda.enabled=true"], &["autoscaling.enabled and keda.enabled exclude each other"]),
    (&["redis.privateCa=true"], &["redis.privateCa", "ca.existingConfigMap"]),
    (&["keda.enabled=true"], &["keda.prometheus is empty"]),
    (&["keda.enabled=true", "keda.prometheus=http://p", "keda.maxReplicas=1"], &["keda.maxReplicas is less"]),
    (&["keda.lagSeconds=0"], &["lagSeconds", "minimum|greater than"]),
    (&["sysctls[0].name=kernel.msgmax", "sysctls[0].value=1"], &["sysctls", "name", "ping_group_range"]),
    (&["sysctls[0].name=net.ipv4.ping_group_range", "sysctls[0].value=everybody"], &["sysctls", "value", "pattern"]),
    (&["drainSeconds=2"], &["drainSeconds", "minimum|greater than"]),
    (&["config.concurrency=0"], &["concurrency", "minimum|greater than"]),
    (&["config.region_id=eu"], &["config", "additional propert", "region_id"]),
    (&["config.witnesses={example.com}"], &["witnesses", "pattern"]),
    (&["egress.allow={everything}"], &["egress", "allow", "pattern"]),
    (&["networkPolicy.redis.to=null"], &["networkPolicy", "redis", "missing property 'to'|to is required"]),
    (&["podDisruptionBudget.maxUnavailable=some"], &["maxUnavailable", "pattern"]),
    (&["metrics.podMonitor.interval=often"], &["podMonitor", "interval", "pattern"]),
];

/// Every one of them is refused by both helms, in these words.
pub(super) fn check(tools: &Tools) -> Result<()> {
    let mut missed = Vec::new();
    for (chart, good, table) in [("upguard-control", &SECRETS[..], CONTROL), ("upguard-probe", &REGION[..], PROBE)] {
        for (name, program) in tools.helms() {
            let with = |values: &[&str]| {
                let mut command = helm(program);
                command.args(["template", "upguard"]).arg(chart_dir(chart));
                for value in good.iter().chain(values) {
                    command.args(["--set", value]);
                }
                output(&mut command)
            };
            ensure!(with(&[]).is_ok(), "{name}, {chart}: {good:?} alone is refused");
            for (values, expected) in table {
                missed.extend(fault(with(values), expected).map(|why| format!("{name}, {chart}, {values:?}: {why}")));
            }
        }
    }
    if missed.is_empty() { Ok(()) } else { bail!("{}", missed.join("\n")) }
}

fn fault(refused: Result<String>, expected: &[&str]) -> Option<String> {
    let Err(complaint) = refused else { return Some("is not refused".to_owned()) };
    let said = format!("{complaint:#}").to_lowercase();
    let lacks = expected.iter().find(|texts| !texts.split('|').any(|text| said.contains(&text.to_lowercase())))?;
    Some(format!("the complaint lacks `{lacks}`: {complaint:#}"))
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::fault;

    #[test]
    fn a_value_that_is_taken_and_a_complaint_that_says_too_little_are_faults() {
        assert!(fault(Ok(String::new()), &[]).is_some());
        assert!(fault(Err(anyhow!("region is empty")), &["eu-west"]).is_some());
        assert!(fault(Err(anyhow!("Region is EMPTY: eu-west")), &["region is empty", "eu-west"]).is_none());
        assert!(fault(Err(anyhow!("must be 1")), &["minimum|must be"]).is_none());
    }
}
