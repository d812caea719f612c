//! The collector's address. Comes in: a text from a person or the state; goes out: `https` with
//! host and port, or what is wrong with it. Nothing else of a URL is accepted.

use reqwest::Url;

/// `https://host:port`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server(Url);

/// What is wrong with the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ServerError {
    /// No URL at all, or no host in it.
    #[error("read the URL")]
    Shape,
    /// Not encrypted.
    #[error("accept the URL: it must begin with https://")]
    Scheme,
    /// It has a path, a query, a fragment or a user.
    #[error("accept the URL: nothing may follow the port")]
    Extra,
}

impl Server {
    /// Reads `https://host[:port]`.
    pub fn parse(text: &str) -> Result<Self, ServerError> {
        let url = Url::parse(text.trim()).map_err(|_| ServerError::Shape)?;
        if url.scheme() != "https" {
            return Err(ServerError::Scheme);
        }
        if url.host_str().is_none_or(str::is_empty) {
            return Err(ServerError::Shape);
        }
        let plain = matches!(url.path(), "" | "/")
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if plain {
            Ok(Self(url))
        } else {
            Err(ServerError::Extra)
        }
    }

    /// The text form, without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// The URL of one of the collector's paths.
    #[must_use]
    pub(super) fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        url.set_path(path);
        url
    }
}
