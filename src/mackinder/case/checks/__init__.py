"""Rules about the content of a case: one function a defect, each with a stable code. `run.check` runs them all.

Codes: MK001-019 form of the files (`mackinder.case.formats`), MK020-029 references, MK030-039 quantities,
MK040-059 network, MK060-069 evidence, MK070-079 rights and restrictions, MK080-089 trade, MK090-099 the document,
MK110-119 episodes, levers, positions and projects, MK120-129 capacity, splits and
fitted factors. MK130-139 are about scenarios and updates (`mackinder.scenario.checks`).
"""
