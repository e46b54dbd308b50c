"""What each function may do on AWS: exactly what its code calls, as policy statements, with who calls it.

One file a role: `workflow`, `dispatcher`, `portal`; what several of them do is in the file of what it is done with
(`state`, `organization`, `furnishing`), and what Lambda itself does with every role is in `runtime`. Whoever adds a
call to AWS adds the right to the file of the role that makes it.

No action has a wildcard. A resource has one only where AWS lets nobody say it more narrowly, and `wide` says why; the
resource types of each action are those of the Service Authorization Reference.
"""
