//! Query strings. A parameter that nobody takes is refused: a misspelt filter must not read as "no filter".

use std::{collections::HashMap, fmt::Display, str::FromStr};

use domain::fields::in_words;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use warp::Filter;

use crate::problem::ApiError;

/// The parameters of one request.
#[derive(Debug)]
pub(crate) struct Query {
    given: HashMap<String, String>,
    known: Vec<&'static str>,
}

/// One page of a list, and the `after` of the next one.
#[derive(Serialize, ToSchema)]
pub(crate) struct Page<T> {
    /// At most `limit`.
    pub(crate) items: Vec<T>,
    /// The `after` of the next page; null on the last one.
    #[schema(required)]
    pub(crate) next: Option<String>,
}

/// The parameters of every list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "its schema is its use")]
pub(crate) struct Paging {
    /// How many a page has.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before: an id.
    after: Option<Uuid>,
}

/// The parameters of a list whose entries have numbers.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "its schema is its use")]
pub(crate) struct NumberPaging {
    /// How many a page has.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// The `next` of the page before: a number.
    after: Option<i64>,
}

/// The parameters of a route.
pub(crate) fn query() -> impl Filter<Extract = (Query,), Error = warp::Rejection> + Copy {
    warp::query().map(|given| Query { given, known: Vec::new() })
}

impl Query {
    /// A parameter that parses itself.
    pub(crate) fn take<T: FromStr<Err: Display + 'static>>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, ApiError> {
        self.known.push(name);
        let text = self.given.remove(name);
        text.map(|text| text.parse().map_err(|why| bad(name, &in_words(&why, &text)))).transpose()
    }

    /// A text; an empty one is none.
    pub(crate) fn text(&mut self, name: &'static str) -> Result<Option<String>, ApiError> {
        let text: Result<_, ApiError> = self.take::<String>(name);
        match text? {
            Some(text) if text.len() > 200 || text.contains('\0') => {
                Err(bad(name, &"must have at most 200 characters"))
            }
            text => Ok(text.filter(|text| !text.is_empty())),
        }
    }

    /// How many a page has: 1 to 200. [50]
    pub(crate) fn limit(&mut self) -> Result<usize, ApiError> {
        match self.take("limit")?.unwrap_or(50) {
            limit @ 1..=200 => Ok(limit),
            other => Err(bad("limit", &format!("must be from 1 to 200, not {other}"))),
        }
    }

    /// Refuses what nobody took.
    pub(crate) fn end(self) -> Result<(), ApiError> {
        match self.given.keys().next() {
            None => Ok(()),
            Some(name) => Err(bad(name, &format!("is no parameter here: there are {}", self.known.join(", ")))),
        }
    }
}

fn bad(name: &str, why: &dyn Display) -> ApiError {
    ApiError::Malformed(format!("the parameter `{name}`: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query_of(pairs: &[(&str, &str)]) -> Query {
        let given = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Query { given, known: Vec::new() }
    }

    #[test]
    fn limits() {
        assert_eq!(query_of(&[]).limit().unwrap(), 50);
        assert_eq!(query_of(&[("limit", "200")]).limit().unwrap(), 200);
        for bad in ["0", "201", "-1", "many"] {
            assert!(matches!(query_of(&[("limit", bad)]).limit(), Err(ApiError::Malformed(_))), "{bad}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_in_words() {
        let said = |refused: Result<_, ApiError>| match refused {
            Err(ApiError::Malformed(why)) => why,
            other => panic!("{other:?}"),
        };
        let mut query = query_of(&[("limit", "many"), ("after", "7"), ("cookie", "yes")]);
        assert_eq!(said(query.limit().map(drop)), "the parameter `limit`: must be a whole number, not `many`");
        let why = said(query.take::<uuid::Uuid>("after").map(drop));
        assert_eq!(why, "the parameter `after`: must be an id such as 0198d2c4-7a00-7000-8000-000000000000, not `7`");
        assert_eq!(
            said(query.take::<bool>("cookie").map(drop)),
            "the parameter `cookie`: must be true or false, not `yes`"
        );
    }

    #[test]
    fn a_misspelt_filter_is_refused() {
        let mut query = query_of(&[("verdct", "down")]);
        assert!(query.text("verdict").unwrap().is_none());
        assert!(matches!(query.end(), Err(ApiError::Malformed(why)) if why.contains("`verdct`")));
    }
}
