"""Any document type from its labels alone: candidates by kind, one scorer for all fields, one joint decision.

`mended` undoes what engines do to the words of a scan; `values` finds the candidates that a grammar knows, `spans`
those that only their place beside a label makes, `prose` names in the sentences of letters; `claims` how labels govern
them, `measure` the features, `decode` the joint decision; `fields` is the way through. But for the rows of a table,
which are weighed against ``net_total``, no code here knows a type's or a field's name: a new file in
`models/document_types` is enough. The front part of fields' names (``seller_name``, ``seller_vat_id``) says which of
them belong to one party.
"""

from extractors.form.fields import extract_form

__all__ = ["extract_form"]
