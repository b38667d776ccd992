//! What is printed when a hub starts with the demo: where to go and what to type.

use model::ChannelType;

use super::Demo;

impl Demo {
    /// For people at a terminal. `public_url` has no slash at its end.
    #[must_use]
    pub fn guide(&self, public_url: &str) -> String {
        let mut lines = vec![
            String::new(),
            format!("  Turumba is running at {public_url}"),
            String::new(),
            format!("  Sign in      {} (owner), {}", self.owner, self.agents.join(", ")),
            format!("  Password     {} (of all of them, unless you changed it)", self.password),
            String::new(),
            format!("  1. Agent     {public_url}/    sign in as {}", self.agents[0]),
        ];
        let chat = self.channels.iter().find_map(|channel| channel.public_key.as_deref());
        if let Some(key) = chat {
            lines.push(format!("  2. Customer  {public_url}/demo#{key}"));
            lines.push(
                "               write \"hello\", then \"refund please\", and answer in the agent's inbox"
                    .to_owned(),
            );
        }
        let sandbox = self.channels.iter().find(|channel| channel.channel_type == ChannelType::Sms);
        if let Some(channel) = sandbox {
            lines.push(format!(
                "  3. SMS       {public_url}/sandbox#{}    sign in as {}",
                channel.id, self.owner
            ));
        }
        lines.push(String::new());
        lines.push(format!("  API          {public_url}/docs"));
        lines.push("  Stop with Ctrl+C; what you did is still there after the next start.".to_owned());
        lines.push(String::new());
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use model::{AccountId, ChannelId};

    use super::*;
    use crate::demo::{DemoChannel, PASSWORD};

    #[test]
    fn the_guide_names_every_address() {
        let channel = |channel_type, key: Option<&str>| DemoChannel {
            id: ChannelId::new(),
            name: "c".into(),
            channel_type,
            webhook_url: String::new(),
            public_key: key.map(str::to_owned),
        };
        let demo = Demo {
            account_id: AccountId::new(),
            owner: "owner@demo.example".into(),
            agents: vec!["hanna@demo.example".into()],
            password: PASSWORD,
            channels: vec![channel(ChannelType::Sms, None), channel(ChannelType::Webchat, Some("K"))],
            is_new: true,
        };
        let guide = demo.guide("http://127.0.0.1:8080");
        for part in ["/demo#K", "8080/ ", "/docs", PASSWORD, &demo.channels[0].id.to_string()] {
            assert!(guide.contains(part), "{part}");
        }
    }
}
