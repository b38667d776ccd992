//! Name resolution that hands out only addresses which may be called. The connection is made to exactly
//! the addresses checked here, so a name cannot point elsewhere between the check and the call.

use std::{net::SocketAddr, sync::Arc};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::allow::AllowList;

/// Every address of the name was refused.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to a private address, which is not on the allow-list")]
pub(crate) struct RefusedName;

/// Why a host leads nowhere.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ResolveError {
    #[error("it leads to a private address, which is not on the allow-list")]
    Refused,
    #[error("{0}")]
    Failed(#[from] std::io::Error),
}

/// The addresses of a host, a name or an address itself, that may be called; at least one.
pub(crate) async fn guarded(
    allow: &AllowList,
    host: &str,
    port: u16,
) -> Result<Vec<SocketAddr>, ResolveError> {
    let any = allow.allows_host(host);
    let found: Vec<SocketAddr> = tokio::net::lookup_host((host, port)).await?.collect();
    if found.is_empty() {
        return Err(std::io::Error::new(std::io::ErrorKind::NotFound, "the name has no address").into());
    }
    let good: Vec<SocketAddr> =
        found.into_iter().filter(|found| any || allow.allows_address(found.ip())).collect();
    if good.is_empty() { Err(ResolveError::Refused) } else { Ok(good) }
}

#[derive(Debug)]
pub(crate) struct GuardedResolver {
    pub(crate) allow: Arc<AllowList>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow = Arc::clone(&self.allow);
        Box::pin(async move {
            match guarded(&allow, name.as_str(), 0).await {
                Ok(good) => Ok(Box::new(good.into_iter()) as Addrs),
                Err(ResolveError::Refused) => Err(RefusedName.into()),
                Err(ResolveError::Failed(error)) => Err(error.into()),
            }
        })
    }
}
