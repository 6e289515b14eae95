"""APPOINTMENT REQUEST 预约申请 as it circulates."""
