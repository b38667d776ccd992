//! What the lists have in common: their parameters, as the document names them.

use inbox::list::Params;
use model::Error;
use utoipa::IntoParams;

use super::envelope::ApiError;

/// Parameters of a list; besides them `field=value` for every field that can be filtered.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code)]
pub struct ListQuery {
    /// `field:op:value`; all of them must hold. Operators: eq ne lt le gt ge contains icontains like ilike
    /// in not_in range is_null is_not_null startswith endswith.
    filter: Option<Vec<String>>,
    /// `field:asc` or `field:desc`.
    sort: Option<Vec<String>>,
    /// Up to 10,000; then take the cursor.
    skip: Option<i64>,
    /// 1 to 1000; 100 unless given.
    limit: Option<i64>,
    /// `meta.next_cursor` of the page before.
    cursor: Option<String>,
    /// One of one's own accounts; all of them unless given.
    account_id: Option<uuid::Uuid>,
}

/// An id in the query; 400 when it is none.
pub fn id_in<T: From<uuid::Uuid>>(params: &Params, name: &str) -> Result<Option<T>, ApiError> {
    let Some(text) = params.get(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    let id = uuid::Uuid::parse_str(text).map_err(|_| Error::bad_request(format!("{name} must be a UUID")))?;
    Ok(Some(T::from(id)))
}
