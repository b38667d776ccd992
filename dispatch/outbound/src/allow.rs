//! The operator's list of private places that may be called.

use std::net::IpAddr;

use crate::address;

/// Hosts and networks that may be called although they are not public (`TURUMBA_OUTBOUND_ALLOW`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowList {
    hosts: Vec<String>,
    networks: Vec<(IpAddr, u8)>,
}

impl AllowList {
    /// Reads a comma list of host names, addresses and CIDRs; blanks between entries do not matter.
    ///
    /// # Errors
    /// A text that names the first bad entry.
    pub fn parse(list: &str) -> Result<Self, String> {
        let mut allowed = Self::default();
        for entry in list.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            if let Some((network, bits)) = entry.split_once('/') {
                allowed.networks.push(parse_network(entry, network, bits)?);
            } else if let Ok(address) = unbracket(entry).parse::<IpAddr>() {
                allowed.networks.push(single(address));
            } else if is_host_name(entry) {
                allowed.hosts.push(entry.trim_end_matches('.').to_ascii_lowercase());
            } else {
                return Err(format!("{entry:?} is neither a host name nor an address nor a CIDR"));
            }
        }
        Ok(allowed)
    }

    pub(crate) fn allows_host(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        self.hosts.contains(&host)
    }

    /// True if a connection to this address may be opened, because it is public or listed.
    pub(crate) fn allows_address(&self, address: IpAddr) -> bool {
        let address = address::canonical(address);
        address::is_public(address)
            || self.networks.iter().any(|(network, bits)| address::contains(*network, *bits, address))
    }
}

fn unbracket(entry: &str) -> &str {
    entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry)
}

fn single(address: IpAddr) -> (IpAddr, u8) {
    match address::canonical(address) {
        v4 @ IpAddr::V4(_) => (v4, 32),
        v6 @ IpAddr::V6(_) => (v6, 128),
    }
}

fn parse_network(entry: &str, network: &str, bits: &str) -> Result<(IpAddr, u8), String> {
    let address: IpAddr = network.parse().map_err(|_| format!("{entry:?}: {network:?} is no address"))?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    match bits.parse::<u8>() {
        Ok(bits) if bits <= most => Ok((address, bits)),
        _ => Err(format!("{entry:?}: the prefix length must be 0 to {most}")),
    }
}

fn is_host_name(entry: &str) -> bool {
    entry.len() <= 253
        && entry.trim_end_matches('.').split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
                && !label.starts_with('-')
        })
        // "10.0.0" and the like are mistyped addresses, not names
        && !entry.chars().all(|c| c.is_ascii_digit() || c == '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_hosts_addresses_and_networks() {
        let list =
            AllowList::parse(" localhost, 127.0.0.1 ,10.0.0.0/8,[::1],fd00::/8,, Fake.Example ").unwrap();
        assert!(list.allows_host("LOCALHOST") && list.allows_host("fake.example."));
        assert!(!list.allows_host("other.example"));
        for text in ["127.0.0.1", "::ffff:127.0.0.1", "10.9.9.9", "::1", "fd12::1", "8.8.8.8"] {
            assert!(list.allows_address(text.parse().unwrap()), "{text}");
        }
        for text in ["127.0.0.2", "192.168.0.1", "fe80::1"] {
            assert!(!list.allows_address(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn a_bad_entry_is_named() {
        for bad in ["10.0.0.0/33", "10.0.0", "http://x", "a b", "x:80", "::1/129", "x/8"] {
            assert!(AllowList::parse(&format!("localhost,{bad}")).unwrap_err().contains(bad), "{bad}");
        }
        assert_eq!(AllowList::parse("").unwrap(), AllowList::default());
    }
}
