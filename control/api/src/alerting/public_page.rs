//! Pages that links in mails lead to. Looking at one changes nothing, since programs look through mails before people do: its
//! button does.

use ::http::{HeaderValue, StatusCode, header};
use channels::html;
use warp::{Reply, reply::Response};

/// What such a page says.
pub(crate) struct Page<'a> {
    pub(crate) title: &'a str,
    pub(crate) text: &'a str,
    /// What the button says; none where there is nothing to press.
    pub(crate) button: Option<&'a str>,
}

impl Page<'_> {
    /// Its answer.
    pub(crate) fn answer(&self) -> Response {
        let (title, text) = (html(self.title), html(self.text));
        let button = self.button.map_or_else(String::new, |words| {
            format!("<form method=\"post\"><button type=\"submit\">{}</button></form>\n", html(words))
        });
        let page = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
             content=\"width=device-width\"><meta name=\"robots\" content=\"noindex\"><title>{title}</title></head>\n\
             <body><main><h1>{title}</h1>\n<p>{text}</p>\n{button}</main></body></html>\n"
        );
        let mut response = warp::reply::html(page).into_response();
        response.headers_mut().insert(
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"),
        );
        response
    }
}

/// The link was used, has run out, or never was one.
pub(crate) fn over() -> Response {
    let page = Page {
        title: "This link is of no use any more",
        text: "It was used already, or its time is over. Ask for a new one where you asked for this one.",
        button: None,
    };
    warp::reply::with_status(page.answer(), StatusCode::NOT_FOUND).into_response()
}
