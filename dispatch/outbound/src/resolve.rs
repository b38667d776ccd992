//! Name resolution that hands out only addresses which may be called. The connection is made to exactly
//! the addresses checked here, so a name cannot point elsewhere between the check and the call.

use std::{net::SocketAddr, sync::Arc};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::allow::AllowList;

/// Every address of the name was refused.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to a private address, which is not on the allow-list")]
pub(crate) struct RefusedName;

#[derive(Debug)]
pub(crate) struct GuardedResolver {
    pub(crate) allow: Arc<AllowList>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allow = Arc::clone(&self.allow);
        Box::pin(async move {
            let host = name.as_str();
            let any = allow.allows_host(host);
            let found: Vec<SocketAddr> = tokio::net::lookup_host((host, 0)).await?.collect();
            let nothing = found.is_empty();
            let good: Vec<SocketAddr> =
                found.into_iter().filter(|found| any || allow.allows_address(found.ip())).collect();
            if good.is_empty() && !nothing {
                return Err(RefusedName.into());
            }
            Ok(Box::new(good.into_iter()) as Addrs)
        })
    }
}
