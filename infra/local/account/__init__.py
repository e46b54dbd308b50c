"""AWS Account Management: names, contacts, regions and primary e-mails of the organisation's accounts."""
