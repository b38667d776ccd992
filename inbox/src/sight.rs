//! When a change moves a conversation out of or into the sight of agents, those who lose it are told
//! `conversation:hidden` and those who gain it get it in full, in the same unit.

use bus::Outcome;
use model::{Audience, Event, TeamId, UserId};
use uuid::Uuid;

use crate::{Unit, conversations::Conversation};

/// Records who lost and who gained sight of a locked, changed conversation. Costs nothing where
/// everyone sees all or sight did not change.
pub async fn record_changes(unit: &mut Unit, conversation: &Conversation) -> Outcome<()> {
    let Some(((team_before, agent_before), (team_now, agent_now))) = conversation.sight_change() else {
        return Ok(());
    };
    let account = conversation.account_id;
    let restricted = sqlx::query!(
        "SELECT m.user_id, ARRAY(SELECT t.team_id FROM team_members t
                                 WHERE t.user_id = m.user_id AND t.account_id = m.account_id) AS \"teams!\"
         FROM accounts a JOIN account_users m ON m.account_id = a.id JOIN roles r ON r.id = m.role_id
         WHERE a.id = $1 AND a.visibility = 'team' AND NOT r.permissions ? 'conversations.see_all'
           AND r.permissions ? 'conversations.view'",
        account.uuid(),
    )
    .fetch_all(&mut **unit.tx())
    .await?;
    let sees = |user: UserId, teams: &[Uuid], team: Option<TeamId>, agent: Option<UserId>| {
        (team.is_none() && agent.is_none())
            || agent == Some(user)
            || team.is_some_and(|team| teams.contains(&team.uuid()))
            || conversation.mentioned.contains(&user)
    };
    let (mut lost, mut gained) = (Vec::new(), Vec::new());
    for row in restricted {
        let user = UserId(row.user_id);
        match (sees(user, &row.teams, team_before, agent_before), sees(user, &row.teams, team_now, agent_now))
        {
            (true, false) => lost.push(user),
            (false, true) => gained.push(user),
            _ => {}
        }
    }
    if !lost.is_empty() {
        unit.record(
            Event::ConversationHidden {
                account_id: account,
                conversation_id: conversation.id,
                users: lost.clone(),
            },
            Audience::Users { users: lost },
        );
    }
    if !gained.is_empty() {
        unit.record(
            Event::ConversationCreated { conversation: conversation.view() },
            Audience::Users { users: gained },
        );
    }
    Ok(())
}
