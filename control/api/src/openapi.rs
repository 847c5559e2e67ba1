//! The API as an OpenAPI 3.1 document, put together from what each page says of itself beside its handlers.
//!
//! What all routes have in common is said here, once: who is turned away and how, and what a request is called. The
//! annotation of a handler says the rest. A handler that asks for more than to be allowed to look says so among the scopes of
//! `security`, as OpenAPI 3.1 allows: the least role (`security(("bearer" = ["editor"]))`), `person` where no API key will do,
//! or `metrics`, the scope of a key that is enough.

use std::collections::{BTreeMap, BTreeSet};

use domain::schema;
use utoipa::{
    OpenApi,
    openapi::{
        self, ContentBuilder, Info, InfoBuilder, License, OpenApiVersion, RefOr, Response, ResponseBuilder, Schema,
        path::{Operation, Parameter, ParameterIn, PathItem},
        schema::{ArrayItems, Ref},
        security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
        tag::TagBuilder,
    },
};

use crate::{pages::PAGES, problem::ProblemBody};

/// Tags in the document's order, and what belongs under each.
const TAGS: &[(&str, &str)] = &[
    ("Account", "Signing up, signing in, and who one is."),
    ("API keys", "What programs sign in with."),
    ("Monitors", "What is watched, and what was found."),
    ("Incidents", "What called for people, and what they did about it."),
    ("Channels", "Where alerts go."),
    ("Policies", "Whom to tell of what."),
    ("Deliveries", "What was sent and answered, what waits, and what was given up."),
    ("Regions", "Where checks come from."),
    ("Events", "What happens, as it happens."),
];

const BEARER: &str = "bearer";
const PROBLEM: &str = "application/problem+json";

/// The whole document.
pub fn document() -> openapi::OpenApi {
    let mut all = Shared::openapi();
    for page in PAGES.iter().map(|page| (page.document)()) {
        all.merge(page);
    }
    all.openapi = OpenApiVersion::Version31;
    all.info = info();
    let tag = |(name, what): &(&str, &str)| TagBuilder::new().name(*name).description(Some(*what)).build();
    all.tags = Some(TAGS.iter().map(tag).collect());
    all.security = Some(vec![SecurityRequirement::new(BEARER, [""; 0])]);
    if let Some(components) = &mut all.components {
        components.add_security_scheme(BEARER, SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        components.responses.extend(REFUSALS.iter().map(refusal));
        refer_to_items(&mut components.schemas);
    }
    let mut bodies = BTreeSet::new();
    for (path, item) in &mut all.paths.paths {
        for (method, operation) in operations(item) {
            complete(operation, method, path);
            bodies.extend(body_of(operation));
        }
    }
    for (name, schema) in all.components.iter_mut().flat_map(|components| &mut components.schemas) {
        if bodies.contains(name) {
            *schema = schema::read(schema.clone());
        }
    }
    all
}

/// The document as text, for people and for diffs.
pub fn text() -> String {
    // Texts, numbers and flags: JSON can hold every one of them.
    document().to_pretty_json().unwrap_or_default()
}

/// Schemas that no route names by itself.
#[derive(OpenApi)]
#[openapi(components(schemas(ProblemBody)))]
struct Shared;

fn info() -> Info {
    let license = License::new(env!("CARGO_PKG_LICENSE"));
    InfoBuilder::new()
        .title("UpGuard")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(include_str!("openapi.md").trim_end()))
        .license(Some(license))
        .build()
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let PathItem { get, put, post, patch, delete, .. } = item;
    let all = [("get", get), ("put", put), ("post", post), ("patch", patch), ("delete", delete)];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// The schema of a request's body.
fn body_of(operation: &Operation) -> Option<String> {
    let content = operation.request_body.as_ref()?.content.values().next()?;
    let Some(RefOr::Ref(body)) = &content.schema else { return None };
    Some(body.ref_location.rsplit('/').next()?.to_owned())
}

fn complete(operation: &mut Operation, method: &str, path: &str) {
    operation.operation_id = Some(id(method, path));
    let needed = needed(operation);
    let responses = &mut operation.responses.responses;
    for (status, response) in responses.iter_mut() {
        if let RefOr::T(response) = response {
            finish(status, response);
        }
    }
    for &(status, name, _) in refusals(operation, &needed).collect::<Vec<_>>() {
        let shared = || RefOr::Ref(Ref::from_response_name(name));
        operation.responses.responses.entry(status.to_owned()).or_insert_with(shared);
    }
    if let Needed::More(what) = needed {
        let said = operation.description.take().map(|said| format!("{said}\n\n")).unwrap_or_default();
        operation.description = Some(format!("{said}{}", in_words(&what)));
    }
}

/// Every failure is a problem, and every answer has a word to it.
fn finish(status: &str, response: &mut Response) {
    if status >= "400" {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        response.content.insert(PROBLEM.to_owned(), content);
    }
    if response.description.is_empty() {
        let said = match status {
            "201" => "Made; `Location` says where it is.",
            "202" => "Asked for; it follows.",
            _ => "Done.",
        };
        said.clone_into(&mut response.description);
    }
}

/// `get_monitors_id_results`: unique, since method and path are.
fn id(method: &str, path: &str) -> String {
    let path = path.trim_start_matches("/api/v1").replace(['{', '}'], "").replace(['/', '-', '.'], "_");
    format!("{method}{path}")
}

/// Who may ask.
enum Needed {
    Nobody,
    /// Whoever may look.
    SignIn,
    /// A role, `person`, or a scope of keys.
    More(String),
}

fn in_words(needed: &str) -> String {
    match needed {
        "person" => "Needs a person who is signed in: no API key will do.".to_owned(),
        "metrics" => "An API key with the scope `metrics` is enough.".to_owned(),
        "editor" => "Needs the role editor or more, or an API key with the scope `write`.".to_owned(),
        role => format!("Needs the role {role} or more: no API key will do."),
    }
}

fn needed(operation: &Operation) -> Needed {
    let Some(asked) = operation.security.as_ref().and_then(|all| all.first()) else { return Needed::SignIn };
    let asked = serde_json::to_value(asked).unwrap_or_default();
    match asked.get(BEARER) {
        None => Needed::Nobody,
        Some(roles) => {
            roles.get(0).and_then(|role| role.as_str()).map_or(Needed::SignIn, |role| Needed::More(role.to_owned()))
        }
    }
}

/// How any request can fail: the status, a name, and why.
const REFUSALS: &[(&str, &str, &str)] = &[
    ("400", "Malformed", "The body is not JSON, or a parameter cannot be read or is none of this route."),
    ("401", "Unauthorized", "The access token or API key is missing or has run out, or its sign-in has ended."),
    ("403", "Forbidden", "Your role, or this API key, may not do this."),
    ("404", "NotFound", "It is not there, or belongs to another organisation."),
    ("413", "TooLarge", "The body is larger than 256 KiB."),
    ("415", "NotJson", "The body does not come as JSON."),
    ("422", "Invalid", "Fields are not right; `errors` names every one."),
    ("429", "TooMany", "Too many API keys that are none: `Retry-After` says how long to wait."),
    ("500", "Failed", "Something went wrong in the server; its log knows under this answer's `X-Request-Id`."),
    ("503", "Busy", "Not now: `Retry-After` says when to try again."),
];

/// How a request of this kind can fail, whatever it asks for.
fn refusals(
    operation: &Operation,
    needed: &Needed,
) -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
    let has = |place: ParameterIn| operation.parameters.iter().flatten().any(|it: &Parameter| it.parameter_in == place);
    let (has_body, has_query, has_path) =
        (operation.request_body.is_some(), has(ParameterIn::Query), has(ParameterIn::Path));
    let signed_in = !matches!(needed, Needed::Nobody);
    REFUSALS.iter().filter(move |(status, ..)| match *status {
        "400" => has_body || has_query,
        "401" | "403" | "429" => signed_in,
        "404" => has_path,
        "413" | "415" | "422" => has_body,
        _ => true,
    })
}

/// What is said of a refusal, wherever it happens.
fn refusal((status, name, why): &(&str, &str, &str)) -> (String, RefOr<Response>) {
    let mut response = ResponseBuilder::new().description(*why).build();
    finish(status, &mut response);
    ((*name).to_owned(), response.into())
}

/// A page of a list refers to what it lists.
fn refer_to_items(schemas: &mut BTreeMap<String, RefOr<Schema>>) {
    for (name, schema) in schemas {
        let (Some(listed), RefOr::T(Schema::Object(page))) = (name.strip_prefix("Page_"), schema) else { continue };
        if let Some(RefOr::T(Schema::Array(items))) = page.properties.get_mut("items") {
            items.items = ArrayItems::RefOrSchema(Box::new(Ref::from_schema_name(listed).into()));
        }
    }
}

#[cfg(test)]
mod tests;
