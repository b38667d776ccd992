-- What a provider decides on a template names it by the provider's id.
CREATE UNIQUE INDEX templates_external ON templates (account_id, external_template_id)
    WHERE external_template_id IS NOT NULL;
